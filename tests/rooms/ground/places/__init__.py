"""A package of its own, so that the country loaded for these tests is taken back as soon as the last of them is done."""
