/** @file `labelwright models add <file|folder>`: a model file becomes a model to label with. */
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import { AppError } from '#core/errors.ts';
import type { ImportChoices, ImportProposal } from '#core/model-import.ts';
import { describePreprocess } from '#core/preprocess.ts';
import { presetNames } from '#core/preprocess-presets.ts';
import { exitCodes } from '../exit-codes.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printJson, table, tell } from '../output.ts';
import { fromHere } from '../places.ts';

interface AddOptions {
  id?: string;
  title?: string;
  labels?: string;
  preprocess?: string;
  outputs?: 'logits' | 'scores';
  licence: string;
  yes: boolean;
  json?: boolean;
  library?: string;
}

export function addModelsAddCommand(models: Command): void {
  models
    .command('add')
    .description('make a model of a weights file, an ONNX file, or a folder with one')
    .argument('<path>', '.onnx .safetensors .pth .pt .bin .pdparams .pdmodel .json .tar, or a folder')
    .option('--id <id>', 'id of the new model (default: made from the file name)')
    .option('--title <title>', 'name to show (default: made from the file name)')
    .addOption(option.fileOption('--labels <file>', 'list of labels: text, CSV or JSON (default: what fits best)'))
    .option('--preprocess <name>', 'paddleclas, torchvision-v1, torchvision-v2 or timm:<tag> (default: what fits best)')
    .addOption(
      new Option('--outputs <kind>', 'what the outputs are, when that cannot be told').choices(['logits', 'scores']),
    )
    .option('--licence <text>', 'licence of the weights, shown beside the model', '')
    .option('--yes', 'take the proposals without asking', false)
    .addOption(option.jsonOption('model'))
    .addOption(option.libraryOption())
    .addHelpText(
      'after',
      `
The file is only read. A copy in ONNX goes into your models folder, tried out before it counts.

Known preprocessing: ${presetNames.join(', ')}

Examples:
  labelwright models add resnext50_32x4d-1a0047aa.pth --yes
  labelwright models add ResNeXt50_vd_32x4d_pretrained.pdparams --labels imagenet1k_label_list.txt`,
    )
    .action(async (path: string, options: AddOptions) => {
      process.exitCode = await add(fromHere(path), options);
    });
}

async function add(path: string, options: AddOptions): Promise<number> {
  await using engine = await openLibrary(options.library);
  let proposal = await engine.call('models.inspect', { path });
  if (options.labels !== undefined) {
    proposal = await engine.call('models.import-labels', { importId: proposal.importId, path: options.labels });
  }
  const choices = choose(proposal, options);
  show(proposal, choices);
  if (!options.yes && !(await confirmed(proposal, options))) {
    await engine.call('models.import-cancel', { importId: proposal.importId });
    tell('Nothing was added.');
    return exitCodes.usage;
  }
  const { modelId } = await engine.call('models.import', { importId: proposal.importId, choices });
  if (options.json) {
    const model = (await engine.call('models.list', {})).find(({ id }) => id === modelId);
    if (model) await printJson(model);
  }
  tell(`Added ${modelId}. Label with it: labelwright label <folder> --model ${modelId}`);
  return exitCodes.ok;
}

/** @throws {AppError} 'input.invalid' when the person has to say what the outputs are */
function choose(proposal: ImportProposal, options: AddOptions): ImportChoices {
  const outputs = options.outputs ?? proposal.outputs;
  if (outputs === 'unknown') {
    throw new AppError(
      'input.invalid',
      'It cannot be told whether the outputs are logits or scores; say so with --outputs logits or --outputs scores',
    );
  }
  return {
    id: options.id ?? proposal.id,
    title: options.title ?? proposal.title,
    preprocess: options.preprocess ?? proposal.preprocess[0]!.name,
    labels: options.labels === undefined ? proposal.labels[0]!.source : 'file',
    outputs,
    licence: options.licence,
  };
}

/** What was recognised and what will be made of it, on stderr. */
function show(proposal: ImportProposal, choices: ImportChoices): void {
  const { preprocess, labels, input } = proposal;
  const chosen = preprocess.find(({ name }) => name === choices.preprocess);
  const list = labels.find(({ source }) => source === choices.labels);
  const millions = (value: number | null, unit: number) => (value === null ? '?' : (value / unit).toFixed(2));
  const rows: [string, string][] = [
    ['File', `${proposal.fileName} (${proposal.format})`],
    ['Recognised', proposal.architecture ?? 'a picture classifier'],
    ['Classes', String(proposal.classCount)],
    ['Parameters', `${millions(proposal.parameterCount, 1e6)} M, ${millions(proposal.macCount, 1e9)} G multiply-adds`],
    ['Input', `${input.width} × ${input.height}, ${input.layout}, ${input.type}`],
    ['Outputs', choices.outputs],
    [
      'Preprocessing',
      `${typeof choices.preprocess === 'string' ? choices.preprocess : 'custom'}${chosen ? `: ${describePreprocess(chosen.preprocess)}` : ''}`,
    ],
    ['Labels', `${choices.labels}: ${list?.firstNames.slice(0, 3).join(', ') ?? ''}, …`],
    ['Id', choices.id],
  ];
  tell(table(['', ''], rows).split('\n').slice(1).join('\n'));
  if (!proposal.preprocessSure && typeof choices.preprocess === 'string') {
    const others = preprocess.map(({ name }) => name).join(', ');
    tell(
      `The file does not say how pictures were prepared for it; this is a guess${preprocess.length > 1 ? ` among ${others}` : ''}.`,
    );
  }
}

/** Without a terminal nobody can answer: then it needs `--yes`. */
async function confirmed(proposal: ImportProposal, options: AddOptions): Promise<boolean> {
  const sure = proposal.preprocessSure || options.preprocess !== undefined;
  if (!process.stdin.isTTY) {
    tell('Add --yes to take this without being asked.');
    return false;
  }
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`Add this model${sure ? '' : ' with this preprocessing'}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
