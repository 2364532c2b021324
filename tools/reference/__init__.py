"""Reference pages, written from the models that refuse what they do not know: so they cannot say more or less than is true."""
