import * as z from 'zod';

/** As EC2's token buckets: it holds so many requests, and gets so many a second. */
const bucket = z.strictObject({ burst: z.int().min(1), perSecond: z.number().positive() });
const bucketOf = (burst: number, perSecond: number) =>
  z.strictObject({ burst: z.int().min(1).default(burst), perSecond: z.number().positive().default(perSecond) }).prefault({});

/** An address, or a network of addresses. */
const proxy = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be an IP address, or a network as 192.0.2.0/24');

/** What clients may take: those who merely reach the port, and those who are known. */
export const limits = z.strictObject({
  connections: z.int().min(16).default(4_096),
  connectionsPerAddress: z.int().min(1).default(512),
  heldMiB: z.int().min(4).default(64),
  trustedProxies: z.array(proxy).default([]),
  failedProofs: z
    .strictObject({
      different: z.int().min(2).default(20),
      withinSeconds: z.int().min(1).default(600),
      refusedSeconds: z.int().min(1).default(300),
    })
    .prefault({}),
  requests: z
    .strictObject({
      describe: bucketOf(20_000, 10_000),
      /** Of everything that the account has: without ids, filters and pages. */
      describeEverything: bucketOf(1_000, 200),
      change: bucketOf(1_000, 100),
      intensive: bucketOf(10_000, 500),
      tags: bucketOf(2_000, 200),
      /** How many of an account are worked on at a time, and how many more may wait for that. */
      underWay: z.int().min(1).default(64),
      /** Of those that list, which hold what they read. */
      listingsUnderWay: z.int().min(1).default(4),
      waiting: z.int().min(0).default(2_000),
    })
    .prefault({}),
  /** What an account has otherwise. */
  accounts: z
    .record(
      z.string().regex(/^\d{12}$/, 'must be the twelve digits of an account'),
      z.strictObject({ describe: bucket, describeEverything: bucket, change: bucket, intensive: bucket, tags: bucket }).partial(),
    )
    .default({}),
});
