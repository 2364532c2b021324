"""Model Context Protocol servers on Kubernetes: components, the stack file behind them, and the tools round both."""

__version__ = "0.1.0"
