"""A stack that runs, asked as clients and a Prometheus ask it: health, metrics, real calls, a stream that stays alive."""
