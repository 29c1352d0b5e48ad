"""Warnings: bulletins and channels."""
