"""Drawing the situation together (协同标绘): boards on which posts draw at the same time, every change attributed and replayable."""
