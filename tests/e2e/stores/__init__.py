"""Stand-ins for controllers that cannot be had where no image registry is reached: who writes Secrets, and who restarts pods then.

Small, and written from what the real ones document: External Secrets (external-secrets.io), Infisical's operator and Stakater's
Reloader. They read the objects that the API server holds by the real definitions. What they leave out they refuse, with a word on
it.
"""
