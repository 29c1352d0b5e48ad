"""The demonstration: an invented Jinan with bureaus, enterprises, devices and people. Exists in demo mode only; every name is made up."""
