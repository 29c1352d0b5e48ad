"""The assembly: settings, urls, wiring, supervised processes, command line."""
