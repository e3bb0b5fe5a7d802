"""Train the evidence model anew: `python -m qa.evidence.training --help`. Needs the extra `training`."""
