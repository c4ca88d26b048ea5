"""The stages of the pipeline: each makes one artifact's rows out of others, by the library."""
