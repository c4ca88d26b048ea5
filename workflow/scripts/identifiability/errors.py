"""The one exception for what a user can put right."""


class UserError(ValueError):
    """Wrong input. The message is one line: what is wrong, where, and what would be right."""
