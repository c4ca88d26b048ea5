"""The paper's figures, drawn from the artifacts (Méloux et al., ICLR 2025)."""
