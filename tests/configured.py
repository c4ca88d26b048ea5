"""Configurations as the workflow reads them."""

from identifiability.config import settings
from identifiability.networks.own import family_of


def parse(config):
    """Settings of a configuration; networks of one's own are read."""
    return settings.parse_config(config, family_of)
