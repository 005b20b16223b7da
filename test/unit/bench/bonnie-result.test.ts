import { describe, expect, it } from 'vitest';
import { readBonnieResult } from '../../../bench/lab/bonnie-result.ts';

/** What bonnie++ 2.00a of Debian 12 wrote for `-q -f -D -s 32:256k -r 16 -n 1`, both of its outputs. */
const output = `Version 2.00a       ------Sequential Output------ --Sequential Input- --Random-
                    -Per Chr- --Block-- -Rewrite- -Per Chr- --Block-- --Seeks--
Name:Size etc        /sec %CP  /sec %CP  /sec %CP  /sec %CP  /sec %CP  /sec %CP
(none)     32M:256k           33.1m  63 12.7m  61           40.3m  54 849.8 407
Latency                       39655us     194ms             24934us     105ms
Version 2.00a       ------Sequential Create------ --------Random Create--------
(none)              -Create-- --Read--- -Delete-- -Create-- --Read--- -Delete--
              files  /sec %CP  /sec %CP  /sec %CP  /sec %CP  /sec %CP  /sec %CP
                  1  1024  93 +++++ +++  1024  92  1024  94 +++++ +++  1024  92
Latency              7992us    1841us    4036us    2336us    1218us    2105us
1.98,2.00a,(none),1,1795414310,32M,,8192,5,,,33897,63,13028,61,,,41254,54,849.8,407,1,,,,,1292,93,+++++,+++,1722,92,1547,94,+++++,+++,1847,92,,39655us,194ms,,24934us,105ms,7992us,1841us,4036us,2336us,1218us,2105us
`;

describe('what bonnie++ wrote', () => {
  it('is read from the line for programs, as megabytes of a million bytes', () => {
    const { writeMBps, rewriteMBps, readMBps, ...others } = readBonnieResult(output);
    expect([writeMBps, rewriteMBps, readMBps].map((value) => value?.toFixed(2))).toEqual(['34.71', '13.34', '42.24']);
    expect(others).toEqual({
      seeksPerSecond: 849.8,
      createdInOrderPerSecond: 1292,
      deletedInOrderPerSecond: 1722,
      createdAtRandomPerSecond: 1547,
      deletedAtRandomPerSecond: 1847,
    });
  });

  it('has no figure where bonnie++ found the time too short', () => {
    expect(readBonnieResult(output.replace(',1292,93,', ',+++++,+++,')).createdInOrderPerSecond).toBeUndefined();
  });

  it('is refused when it has no result, or another form', () => {
    expect(() => readBonnieResult("Can't open file ./Bonnie.295\n")).toThrow("Can't open file");
    expect(() => readBonnieResult(output.replace('1.98,2.00a', '1.99,3.00'))).toThrow('no result');
    expect(() => readBonnieResult(output.replace(',33897,', ',,'))).toThrow('place 11');
  });
});
