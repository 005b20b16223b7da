import * as z from 'zod';
import { type HttpAnswer, httpClient } from '../asking/http-client.ts';
import { readJson } from '../asking/read-json.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { readListedInstances, readPlacement } from '../asking/site-answer.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';

const idMark = '{id}';

/** A site's own service: GET with the id in the address, JSON back. */
export const httpResolver = resolverKind(
  {
    /** `{id}` stands for the instance id. */
    url: z
      .string()
      .refine((url) => url.includes(idMark), `must hold ${idMark} where the instance id goes`)
      .pipe(baseUrl),
    /** Answers with all instances; without it none are listed. */
    listUrl: baseUrl.optional(),
    /** Holds the token of an `Authorization: Bearer` header. */
    tokenFile: secretFile.optional(),
    tls: tlsSettings.optional(),
  },
  ({ url, listUrl, tokenFile, tls }, { name }) => {
    const client = httpClient(tls);
    const token = tokenFile === undefined ? undefined : secretIn(tokenFile);
    const get = (address: string, limit: TimeLimit): Promise<HttpAnswer> =>
      client.ask(
        {
          method: 'GET',
          url: address,
          headers: { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token()}` }) },
        },
        limit,
      );
    return {
      name,
      async resolve(instanceId, limit) {
        const { status, text } = await get(url.replaceAll(idMark, encodeURIComponent(instanceId)), limit);
        switch (status) {
          case 200:
            return readPlacement(text, instanceId, name);
          case 404:
            // A proxy, a login page and a wrong address answer so too, mostly not in JSON; so it is no sign of an end either.
            readJson(text, z.unknown(), `${name}, with status 404,`);
            return { outcome: 'not-known' };
          case 403:
            return { outcome: 'not-authorised', reason: `${name} answered with status 403` };
          default:
            throw unexpected(name, status);
        }
      },
      async list(limit) {
        if (listUrl === undefined) {
          return [];
        }
        const { status, text } = await get(listUrl, limit);
        if (status !== 200) {
          throw unexpected(name, status);
        }
        return readListedInstances(text, name);
      },
    };
  },
);

function unexpected(name: string, status: number): CloudUnavailable {
  return new CloudUnavailable(
    `${name} answered with status ${status}`,
    status === 401 ? { hint: 'it wants another token than the one in tokenFile' } : {},
  );
}
