"""JT/T 808: protocol of the positioning terminals of road vehicles, in the forms of 2013 and 2019."""
