"""Configurations as the workflow reads them."""

from functools import partial

from identifiability.config.read_networks import read_networks
from identifiability.config.settings import parse_config

parse = partial(parse_config, read_networks=read_networks)
