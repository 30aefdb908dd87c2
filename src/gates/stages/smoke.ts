import { DAY } from '../../market/bars.ts';
import { atLeast, plain } from '../check.ts';
import { type StageAnswer, type StageContext, trainRequest } from './stage.ts';

/** A short simulation at the end of the train window: crashes, ruin and candidates that never trade end here. */
export async function smokeStage(context: StageContext): Promise<StageAnswer> {
  const { config, train, workbench } = context;
  const range = { from: Math.max(train.from, train.to - config.smoke.days * DAY), to: train.to };
  const answer = await workbench.simulate('train', [{ ...trainRequest(context), range }]);
  if (!answer.ok) return answer;
  const [result] = answer.value;
  const sound = Number.isFinite(result.finalEquity) && !result.ruined;
  const days = Math.round((range.to - range.from) / DAY);
  return [
    plain('smoke', 'solvent', sound, 'risk', sound ? 'equity stays above zero' : `ruined within ${days} days`),
    atLeast('smoke', 'fills', result.fillCount, config.smoke.minFills, {
      class: 'too_few',
      digits: 0,
      note: `in ${days} days`,
    }),
  ];
}
