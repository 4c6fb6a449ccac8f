"""One item and what is around it: other metrics, a diverse list, a second item, ways between."""
