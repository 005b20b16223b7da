import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandResult, Host, HostCommand } from '../../src/drivers/command/host.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import type { Placement } from '../../src/model/placement.ts';
import {
  type CloudResolver,
  CloudUnavailable,
  type InstanceEnd,
  type InstanceResolver,
  type ListedInstance,
  type Resolution,
} from '../../src/resolvers/cloud-resolver.ts';
import { guardResolver } from '../../src/resolvers/guard-resolver.ts';
import type { ResolverKind, ResolverSurroundings } from '../../src/resolvers/resolver-kind.ts';
import { within } from '../../src/resolvers/time-limit.ts';
import { recordingLog } from '../support/recording-log.ts';

/** A safety net, not a measure. */
const patienceMs = 20_000;

export const id = (text: string) => text as InstanceId;

/** Resolves without a guard, as the guard does it. */
export function ask(resolver: CloudResolver, instanceId: string): Promise<Resolution> {
  return within(patienceMs, (limit) => resolver.resolve(id(instanceId), limit));
}

export function list(resolver: CloudResolver): Promise<readonly ListedInstance[]> {
  return within(patienceMs, (limit) => resolver.list(limit));
}

/** A resolver of a kind, of settings as they stand in the file. */
export function built(kind: ResolverKind, settings: object, surroundings: Partial<ResolverSurroundings> = {}): CloudResolver {
  const { vmmHosts = [] } = surroundings;
  return kind.build(kind.schema.parse(settings) && settings, { name: 'cloud', vmmHosts, host: () => undefined, ...surroundings });
}

/** A way in which a cloud, or what stands between it and VBS, may tell what is not so. `first` and `second` are those of `known`. */
export type WrongAnswer =
  /** Asked for the first instance, it tells of the second, as it would to one who asked for that. */
  | 'about another instance'
  /** It tells of the first instance twice, in two places, to whoever asks for it and in its list. */
  | 'that tells of an instance twice'
  /** The owner of the first instance is something that no owner of this cloud can be: a number, a list, several. */
  | 'with an owner of another kind';

const wrongAnswers = [
  'about another instance',
  'that tells of an instance twice',
  'with an owner of another kind',
] as const satisfies readonly WrongAnswer[];

/** For what answers out of VBS' own settings, or where an answer has nothing in it that could be wrong in this way. */
export const neverMisled = Object.fromEntries(wrongAnswers.map((wrong) => [wrong, 'cannot be'])) as Record<WrongAnswer, 'cannot be'>;

export interface ResolverCase {
  /** With a cloud behind it that has the instances below; asked for in each test, after the cloud was started. */
  resolver(): CloudResolver;
  readonly known: readonly (readonly [instanceId: string, placement: Placement, owner?: string])[];
  /** The same, with answers that are wrong in one way. A kind has to say so where that cannot be. */
  readonly misled: Readonly<Record<WrongAnswer, (() => CloudResolver) | 'cannot be'>>;
  /** Of the right form, and no instance of the cloud. */
  readonly unknown: readonly string[];
  /** Not of the form that the cloud's ids have. */
  readonly foreign: readonly string[];
  /** What it lists; empty when it cannot. */
  readonly listed: readonly string[];
  /** What it says of the end of instances that it does not know. */
  readonly ends: readonly (readonly [instanceId: string, end: InstanceEnd | undefined])[];
}

/** The contract of a resolver: any cloud's has to pass it as it is. */
export function describeResolver(title: string, given: ResolverCase): void {
  describe(title, () => {
    it.each(given.known.map(([instanceId, placement, owner]) => [instanceId, placement, owner] as const))(
      'places %s, and says whose it is, as often as it is asked',
      async (instanceId, placement, owner) => {
        const resolver = given.resolver();
        for (let time = 0; time < 2; time += 1) {
          expect(await ask(resolver, instanceId)).toEqual({ outcome: 'resolved', placement, ...(owner !== undefined && { owner }) });
        }
      },
    );

    it.each(given.unknown)('is sure that there is no %s', async (instanceId) => {
      expect(await ask(given.resolver(), instanceId)).toMatchObject({ outcome: 'not-known' });
    });

    it.each(given.foreign)('takes %s for none of its ids', async (instanceId) => {
      expect(await ask(given.resolver(), instanceId)).toMatchObject({ outcome: 'not-known' });
    });

    it.each(given.ends)('says of the end of %s: %s', async (instanceId, end) => {
      const resolution = await ask(given.resolver(), instanceId);
      expect(resolution.outcome === 'not-known' ? resolution.ended : 'it is known').toBe(end);
    });

    it('lists each instance once, in the place where it resolves and as the same owner has it', async () => {
      const resolver = given.resolver();
      const listed = await list(resolver);
      expect(listed.map((instance) => instance.id).sort()).toEqual([...given.listed].sort());
      for (const { id: instanceId, placement, owner } of listed) {
        expect(await ask(resolver, instanceId)).toEqual({ outcome: 'resolved', placement, ...(owner !== undefined && { owner }) });
      }
    });

    const misled = wrongAnswers.flatMap((wrong) => {
      const resolver = given.misled[wrong];
      return resolver === 'cannot be' ? [] : [[wrong, resolver] as const];
    });

    it.each(misled)('believes no answer %s', async (_wrong, resolver) => {
      const believed = await ask(resolver(), given.known[0]?.[0] ?? '').catch((cause: unknown) => cause);
      // Where several places are told, those may be named; nothing is done with any of them.
      expect(believed).toSatisfy((answer) => answer instanceof CloudUnavailable || (answer as Resolution).outcome === 'contradicted');
    });

    it.each(misled.filter(([wrong]) => wrong !== 'about another instance'))('believes no list %s', async (_wrong, resolver) => {
      await expect(list(resolver())).rejects.toBeInstanceOf(CloudUnavailable);
    });

    it('answers many questions at once', async () => {
      const resolver = given.resolver();
      const [first] = given.known;
      if (first === undefined) throw new Error('a case needs a known instance');
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(resolver, first[0])));
      expect(answers.every((answer) => answer.outcome === 'resolved')).toBe(true);
    });
  });
}

/** What a proxy, another service or a login page says in place of the cloud: none of it is the cloud's word. */
const strangeBodies: readonly (readonly [string, string])[] = [
  ['an HTML page', '<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>nginx</body></html>'],
  ['XHTML', '<?xml version="1.0"?><html><body>Not Found</body></html>'],
  ['nothing', ''],
  ['plain text', '404 page not found'],
  ['JSON of another service', '{"message": "no Route matched with those values", "itemNotFound": true, "data": null}'],
  ['XML of another service', '<Error><Code>NoSuchKey</Code><Message>InvalidInstanceID.NotFound</Message></Error>'],
];
const strangeStatuses = [200, 400, 403, 404, 410, 500];

/** What a server may do instead of answering, with what the operator is to be told of it. */
const httpTroubles: readonly (readonly [string, (server: Server) => void, RegExp])[] = [
  [
    'an HTML page',
    (server) =>
      server.on('request', (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html><body>Please log in</body></html>');
      }),
    /HTML page|markup|status 200/,
  ],
  [
    'an answer that ends in its middle',
    (server) =>
      server.on('request', (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"data": [<a>');
        setImmediate(() => response.destroy());
      }),
    /before the whole answer was there/,
  ],
  [
    'text that is neither JSON nor XML',
    (server) => server.on('request', (_request, response) => response.end('it works!')),
    /not JSON|not XML|status 200/,
  ],
  [
    'JSON and XML of another shape',
    (server) => server.on('request', (_request, response) => response.end('["another shape"]')),
    /another shape|not XML|status 200/,
  ],
  [
    'a redirect',
    (server) => server.on('request', (_request, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end()),
    /redirects to http:\/\/192\.0\.2\.1\/ \(status 302\)/,
  ],
  [
    'an error',
    (server) => server.on('request', (_request, response) => response.writeHead(503).end('<a>overloaded</a>')),
    /status 503|<a>/,
  ],
  [
    'more than anybody wants',
    (server) =>
      server.on('request', (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 0x20)));
        };
        response.on('drain', more);
        more();
      }),
    /longer than \d+ bytes/,
  ],
];

/** A cloud that is asked by HTTP, whatever its server does instead of answering: precise, within bounds, and nothing stays open. */
export function describeHttpTroubles(title: string, resolverAt: (url: string) => CloudResolver, instanceId: string): void {
  const servers: (Server | TcpServer)[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const listen = async (server: Server | TcpServer): Promise<string> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  describe(`${title}, when somebody else answers with`, () => {
    it.each(strangeBodies)('%s, whatever the status is, takes nothing for a place or an end', async (_what, body) => {
      for (const status of strangeStatuses) {
        const server = createServer((_request, response) => response.writeHead(status).end(body));
        const said = await ask(resolverAt(await listen(server)), instanceId).catch((cause: unknown) => cause);
        expect([status, said]).toSatisfy(
          ([, answer]) => answer instanceof CloudUnavailable || ['not-known', 'not-authorised'].includes((answer as Resolution).outcome),
        );
        expect([status, said instanceof CloudUnavailable ? undefined : (said as { ended?: string }).ended]).toEqual([status, undefined]);
        if (status === 404 && !body.startsWith('{')) expect([status, said]).toEqual([status, expect.any(CloudUnavailable)]);
      }
    });
  });

  describe(`${title}, when its server answers with`, () => {
    it.each(httpTroubles)('%s', async (_what, misbehave, reason) => {
      const server = createServer();
      misbehave(server);
      const resolver = resolverAt(await listen(server));
      await expect(ask(resolver, instanceId)).rejects.toMatchObject({ name: 'CloudUnavailable', message: expect.stringMatching(reason) });
      // One may be kept for the next question.
      expect(await settled(() => connectionsOf(server), 1)).toBeLessThanOrEqual(1);
    });

    it('nothing, for nobody listens', async () => {
      const server = createServer();
      const url = await listen(server);
      await new Promise((resolve) => server.close(resolve));
      servers.pop();
      await expect(ask(resolverAt(url), instanceId)).rejects.toMatchObject({
        name: 'CloudUnavailable',
        message: expect.stringMatching(/refuses connections \(ECONNREFUSED\)/),
        hint: expect.stringContaining('port'),
      });
    });

    it('a byte now and then, until the time is up', async () => {
      let dripping = 0;
      const server = createTcpServer((socket) => {
        dripping += 1;
        socket.on('error', () => undefined);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 5);
        socket.on('close', () => {
          clearInterval(drip);
          dripping -= 1;
        });
      });
      const resolver = guardResolver(
        resolverAt(await listen(server)),
        { timeoutMs: 100, cacheMs: 0, cacheEntries: 1, breaker: { failures: 1, pauseMs: 60_000 }, ids: /./, hosts: {} },
        { clock: Date.now, log: recordingLog() },
      );
      expect(await resolver.resolve(id(instanceId))).toEqual({ outcome: 'unavailable', reason: 'no answer within 100 ms' });
      expect(resolver.health?.()[0]?.circuit).toBe('open');
      // The connection is not left to the one who drips.
      expect(await settled(async () => dripping, 0)).toBe(0);
    });
  });
}

/** How many connections a client keeps to one server. */
const mostConnections = 32;

/** A thousand questions at once, and again: all are answered, and what stays is a pool of connections. */
export function describeCrowd(title: string, resolverAt: (url: string) => CloudResolver, instanceId: string, answer: string): void {
  describe(`${title}, asked a thousand times at once`, () => {
    let server: Server;
    let answered = 0;
    let most = 0;
    const start = async (timeoutMs: number, serve: (index: number) => boolean) => {
      server = createServer((_request, response) => {
        answered += 1;
        const isServed = serve(answered);
        void connectionsOf(server).then((count) => {
          most = Math.max(most, count);
          if (isServed) response.end(answer);
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      answered = 0;
      most = 0;
      const cloud = resolverAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      return () =>
        guardResolver(
          cloud,
          { timeoutMs, cacheMs: 10_000, cacheEntries: 100, breaker: { failures: 1, pauseMs: 60_000 }, ids: /./, hosts: {} },
          { clock: Date.now, log: recordingLog() },
        );
    };
    /** One that is guarded is asked once for all who want to know the same; each of several is asked by itself. */
    const crowd = (resolvers: readonly InstanceResolver[]) =>
      Promise.all(
        Array.from({ length: 1_000 }, (_, number) => resolvers[number % resolvers.length]?.resolve(id(instanceId), { fresh: true })),
      );
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('answers all, over a bounded number of connections, and leaves no timer and no request', async () => {
      const guarded = await start(6 * patienceMs, () => true);
      const resolvers = Array.from({ length: 1_000 }, guarded);
      await crowd(resolvers);
      const timers = countOf('Timeout');
      for (let round = 0; round < 3; round += 1) {
        expect((await crowd(resolvers)).every((resolution) => resolution?.outcome === 'resolved')).toBe(true);
      }
      expect(answered).toBe(4_000);
      expect(most).toBeLessThanOrEqual(mostConnections);
      // Sockets of the pool have timers of their own.
      expect(countOf('Timeout')).toBeLessThanOrEqual(timers + mostConnections);
      expect(resolvers.flatMap((resolver) => resolver.health?.() ?? []).every(({ asked, failed }) => asked === 4 && failed === 0)).toBe(
        true,
      );
    });

    it('is asked once when all want to know the same at once', async () => {
      const guarded = await start(6 * patienceMs, () => true);
      expect((await crowd([guarded()])).every((resolution) => resolution?.outcome === 'resolved')).toBe(true);
      // Those that came later than a moment after the question had been put are answered by another one.
      expect(answered).toBeLessThanOrEqual(5);
    });

    it('ends them all at the time limit when nobody answers, and leaves no connection', async () => {
      const guarded = await start(500, () => false);
      const resolvers = Array.from({ length: 1_000 }, guarded);
      const resolutions = await crowd(resolvers);
      expect(resolutions.every((resolution) => resolution?.outcome === 'unavailable')).toBe(true);
      expect(most).toBeLessThanOrEqual(mostConnections);
      // Hardly any but those that were given a connection at once were asked; one or two get theirs just before their own time is up.
      expect(answered).toBeLessThanOrEqual(2 * mostConnections);
      expect(await settled(() => connectionsOf(server), 0)).toBe(0);
      // From here on it costs nothing.
      const asked = answered;
      expect((await crowd(resolvers)).every((resolution) => resolution?.outcome === 'unavailable')).toBe(true);
      expect(answered).toBe(asked);
    });
  });
}

/** What keeps the process alive, by its kind. */
function countOf(kind: string): number {
  return process.getActiveResourcesInfo().filter((one) => one === kind).length;
}

/** Looks until no more than that is left; answers what is. */
async function settled(look: () => Promise<number>, most: number): Promise<number> {
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    const left = await look();
    if (left <= most || Date.now() > deadlineMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
}

/** What differs from a command that ended well and said nothing. An `undefined` exit code is that of one that a signal ended. */
export type ScriptedResult = Partial<Omit<CommandResult, 'exitCode'>> & { readonly exitCode?: number | undefined };

/** A host whose commands are answered by a function. */
export function scriptedHost(name: string, answer: (command: HostCommand) => ScriptedResult | Promise<ScriptedResult>): Host {
  return {
    name,
    async run(command) {
      const { exitCode, ...given } = { exitCode: 0, ...(await answer(command)) };
      const ended = exitCode === undefined ? {} : { exitCode };
      return { ...ended, timedOut: false, stdout: '', stderr: '', startedAtMs: 0, durationMs: 0, ...given };
    },
  };
}
