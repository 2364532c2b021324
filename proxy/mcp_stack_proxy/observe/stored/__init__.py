"""Records of the audit in files of the proxy's own: written, kept within bounds, found again."""
