import type { Caller } from '../../../../src/model/caller.ts';
import {
  createSagaRig,
  type RunningService,
  type SagaRig,
  type SagaRigOptions,
  type ServiceOptions,
  zone,
} from '../../../support/saga-rig.ts';
import { type Answer, call, errorOf, type FakeDependencies, fakeDependencies, secretAccessKey } from './fake-service.ts';

export type Params = Readonly<Record<string, string>>;

/** The API over the real use cases, a real database and the simulated world, past HTTP. */
export interface ApiRig {
  readonly rig: SagaRig;
  readonly service: RunningService;
  readonly deps: Omit<FakeDependencies, 'blockstore'> & Pick<RunningService, 'blockstore'>;
  /** Sends a request and reads its answer, whatever it is. */
  call(params: Params): Promise<Answer>;
  /** Sends one that has to succeed, and gives the content of its answer. */
  ask(params: Params): Promise<Xml>;
  /** The code of one that has to be refused. */
  refusal(params: Params): Promise<string>;
  /** The same service as another account uses it. */
  as(other: Caller): Pick<ApiRig, 'ask' | 'refusal'>;
  /** Waits until nothing runs. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** An element as xml2js reads it: text, or its children by name. */
export type Xml = { readonly [name: string]: Xml } & string;

/** The items of a set, which xml2js reads as one value when there is one, and as nothing when there is none. */
export function items(set: Xml | undefined): readonly Xml[] {
  const item: unknown = set?.item;
  if (item === undefined) return [];
  return (Array.isArray(item) ? item : [item]) as readonly Xml[];
}

export async function startApiRig(options?: ServiceOptions, site?: SagaRigOptions): Promise<ApiRig> {
  const rig = createSagaRig(site);
  const service = await rig.start(options);
  const deps = { ...fakeDependencies(), blockstore: service.blockstore, zones: [zone] };
  const through = (each: ApiRig['deps']): Pick<ApiRig, 'ask' | 'refusal'> => ({
    async ask(params) {
      const answer = await call(params, each);
      if (answer.status !== 200) throw new Error(`${params.Action} was refused: ${answer.text}`);
      return answer.xml[`${params.Action}Response`] as Xml;
    },
    async refusal(params) {
      return errorOf(await call(params, each)).code;
    },
  });
  return {
    rig,
    service,
    deps,
    call: (params) => call(params, deps),
    ...through(deps),
    as: ({ accountId }) => through({ ...deps, lookUpAccessKey: async () => ({ secretAccessKey, accountId }) }),
    settle: service.settle,
    close: () => rig.close(),
  };
}
