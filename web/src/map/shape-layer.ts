/** One layer of areas or lines: read for the view and drawn with level colours. */

import type { Map as MapLibre } from "maplibre-gl";

import { type ShapeCollection, Shapes } from "./areas";
import type { LayerConfig } from "./config";
import { type Answer, MapLayer } from "./layer";

export class ShapeLayer extends MapLayer {
  private readonly shapes: Shapes;

  constructor(map: MapLibre, config: LayerConfig, visible: boolean, changed: (layer: MapLayer) => void) {
    super(map, config, visible, changed);
    this.shapes = new Shapes(map, `shapes-${config.code}`, config.steps);
  }

  override get layerIds(): readonly string[] {
    // Areas of a quantity keep their place under the names of the base map.
    return this.config.steps.length > 0 ? [] : this.shapes.layerIds;
  }

  override get clickable(): readonly string[] {
    return this.shapes.clickable;
  }

  protected override put(answer: Answer): void {
    this.shapes.put(answer as ShapeCollection);
  }

  protected override paintOpacity(share: number): void {
    this.shapes.opacity(share);
  }
}
