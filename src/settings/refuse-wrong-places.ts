import { statSync } from 'node:fs';
import { type CheckedYaml, type Complaint, refusal } from '../checked-yaml/checked-yaml.ts';
import type { Settings } from './settings.ts';

/** Looks at the places that the settings name and nobody makes. Throws YamlRefused with each that is not what it should be. */
export function refuseWrongPlaces({ value: { driverFolders, log }, locate }: CheckedYaml<Settings>): void {
  const complaints: Complaint[] = driverFolders.flatMap((folder, index) => {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory()) return [];
    const reason = found === undefined ? `there is no folder ${folder}` : `${folder} is no folder`;
    return [{ path: ['driverFolders', index], reason: `${reason}; make it, or take it out` }];
  });
  if (log.file !== undefined && statSync(log.file, { throwIfNoEntry: false })?.isDirectory()) {
    complaints.push({ path: ['log', 'file'], reason: `${log.file} is a folder; name a file in it, as ${log.file}/vbs.log` });
  }
  if (complaints.length > 0) throw refusal(complaints.map(locate));
}
