"""Audits: rules that return the offenders. No offender, no objection."""
