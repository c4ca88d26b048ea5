"""The authors' own network, published with the first commit of their code."""
