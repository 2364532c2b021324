"""May it pass: which tools of a server there are for clients, and whether calls keep to the tools' schemas."""
