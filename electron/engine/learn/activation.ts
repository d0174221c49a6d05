/**
 * @file Class activation maps: where in a picture the evidence for a category lies.
 *
 * Source: Zhou et al., "Learning Deep Features for Discriminative Localization" (2016), arXiv:1512.04150. Exact for a
 * network that ends in global average pooling and a linear layer: the mean of the map is the logit without its bias.
 */
import { AppError } from '#core/errors.ts';
import type { ActivationMap } from '#core/learn.ts';
import { resizePlan } from '#core/resize-plan.ts';
import { prepare } from '../inference/classify.ts';
import type { InstalledModel } from '../models/manifest.ts';
import { sharesOf, weighCells } from './activation-cells.ts';
import { openMapSession, type MapSession } from './map-session.ts';

/** A row of a head's weights (shape [D]), or the place of a label among the model's own. */
export type Evidence = Float32Array | { label: number };

export interface ActivationMaps extends AsyncDisposable {
  /**
   * Decode one picture, run the network up to its last feature map, and weigh that. The session is kept for the next
   * picture and released when nobody asked for a while. Not for the engine's own thread.
   *
   * @param model  the float form: `InstalledModel` as the registry gives it
   * @param path   of the picture, absolute
   * @throws {AppError} 'model.unsupported' if there is no map to draw from; 'not-found' for a label the model does not
   *   have; what is wrong with the picture ('image.damaged', 'file.missing', …)
   */
  of(model: InstalledModel, path: string, evidence: Evidence): Promise<Omit<ActivationMap, 'categoryId' | 'category'>>;
}

/** A network takes up to hundreds of megabytes; whoever looks at one picture often looks at the next. */
const keptMs = 60_000;

export function openActivationMaps(): ActivationMaps {
  let open: { sha256: string; session: MapSession } | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** One after the other: a session must not go while it runs. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const answer = turn.then(work);
    turn = answer.catch(() => {});
    return answer;
  }

  async function release(): Promise<void> {
    const last = open;
    open = null;
    await last?.session.release();
  }

  async function sessionOf(model: InstalledModel): Promise<MapSession> {
    if (open?.sha256 === model.sha256) return open.session;
    await release();
    open = { sha256: model.sha256, session: await openMapSession(model) };
    return open.session;
  }

  return {
    of: (model, path, evidence) =>
      inTurn(async () => {
        clearTimeout(timer);
        try {
          const session = await sessionOf(model);
          const weights = weightsOf(session, model, evidence);
          const { rgb, facts, refused } = await prepare({ id: 0, path }, model.manifest);
          if (refused || !rgb) throw refusal(refused);
          const map = await session.run(rgb);
          if (map.channels !== weights.length) {
            throw new AppError(
              'model.unsupported',
              `The map has ${map.channels} channels for ${weights.length} weights`,
            );
          }
          return {
            width: map.width,
            height: map.height,
            values: sharesOf(weighCells(map, weights)),
            window: windowOf(facts.width!, facts.height!, model),
          };
        } finally {
          timer = setTimeout(() => void inTurn(release), keptMs).unref();
        }
      }),

    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      return inTurn(async () => {
        clearTimeout(timer);
        await release();
      });
    },
  };
}

function weightsOf({ classifier }: MapSession, model: InstalledModel, evidence: Evidence): Float32Array {
  if (evidence instanceof Float32Array) return evidence;
  const { label } = evidence;
  if (!model.labels[label]) throw new AppError('not-found', `"${model.id}" has no label ${label}`);
  if (!classifier)
    throw new AppError('model.unsupported', 'The classifier of this model does not read its map directly');
  return classifier.weights.subarray(label * classifier.width, (label + 1) * classifier.width);
}

function refusal(refused: { code: string; message: string } | null): AppError {
  return AppError.deserialize({
    code: (refused?.code ?? 'image.unreadable') as AppError['code'],
    message: refused?.message ?? 'The picture cannot be read',
    details: {},
  });
}

/** The part that became the input, in shares of the displayed picture. */
function windowOf(width: number, height: number, { manifest }: InstalledModel): ActivationMap['window'] {
  const plan = resizePlan(width, height, manifest.preprocess);
  const { crop } = plan;
  return {
    left: crop.left / plan.width,
    top: crop.top / plan.height,
    width: crop.width / plan.width,
    height: crop.height / plan.height,
  };
}
