/** Makes the MapLibre map that the map page and the wallboard share. */

import "maplibre-gl/dist/maplibre-gl.css";

import maplibregl, { type Map as MapLibre, type MapOptions } from "maplibre-gl";

import { say } from "../words";
import type { MapConfig } from "./config";
import { baseStyle } from "./style";

/** A map over own tiles. Throws where the browser cannot draw (no WebGL). */
export function newMap(container: HTMLElement, config: MapConfig, options: Partial<MapOptions> = {}, scale = 1): MapLibre {
  const [west, south, east, north] = config.bounds;
  return new maplibregl.Map({
    container,
    style: baseStyle(config, scale),
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: 32 },
    minZoom: 2.5,
    maxZoom: 17,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    fadeDuration: 0,
    localIdeographFontFamily: "'PingFang SC','Microsoft YaHei','HarmonyOS Sans SC','Noto Sans CJK SC',sans-serif",
    locale: {
      "Map.Title": say("map"),
      "NavigationControl.ZoomIn": say("zoomIn"),
      "NavigationControl.ZoomOut": say("zoomOut"),
      "CooperativeGesturesHandler.WindowsHelpText": say("wheelZooms"),
      "CooperativeGesturesHandler.MacHelpText": say("wheelZooms"),
      "CooperativeGesturesHandler.MobileHelpText": say("twoFingers"),
    },
    ...options,
  });
}
