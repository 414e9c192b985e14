"""A saved model as a service over HTTP: what may be asked, who answers, and what is told of it."""
