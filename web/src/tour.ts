export function openTour(): void {}
