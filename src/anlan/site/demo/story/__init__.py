"""The exercise of the demonstration, told in acts: one chlorine release from the first drift of a pressure to the day on which the figures are locked.

Each act is what one post does at its minute, by the rooms' own verbs and with the post's own powers. The main story of the tests plays the same acts.
"""
