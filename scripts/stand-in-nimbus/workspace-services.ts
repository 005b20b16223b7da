import { find, readXml, textAt } from '../../src/resolvers/xml/read-xml.ts';
import type { NimbusWorkspace } from './nimbus-workspace.ts';
import { type Asked, allProperties, currentWorkspaces, resourceProperty, saidFault, type Telling, typedFault } from './soap-answers.ts';

export interface SoapReply {
  readonly status: 200 | 500;
  readonly text: string;
}

/** Answers a SOAP request as the container does: first who asks, then which resource, then whether it is the asker's, then the question. */
export function answerSoap(
  { path, body, caller, now }: { readonly path: string; readonly body: string; readonly caller: string | undefined; readonly now: string },
  workspaces: readonly NimbusWorkspace[],
  telling: Telling,
  { tellsOf, lists }: { readonly tellsOf?: number; readonly lists?: readonly number[] } = {},
): SoapReply {
  const root = readXml(body, 'the client');
  const header = find(root, 'Header');
  const key = tellsOf === undefined ? textAt(header, 'WorkspaceKey') : String(tellsOf);
  const asked: Asked = {
    service: path,
    messageId: textAt(header, 'MessageID') ?? '',
    action: textAt(header, 'Action') ?? '',
    ...(key !== undefined && { key }),
  };
  const question = find(root, 'Body')?.children[0];
  const operation = (question?.name ?? '').replace(/^./, (letter) => letter.toLowerCase());
  const operationName = `{http://www.globus.org/2008/06/workspace}${operation}`;
  const refuse = (text: string): SoapReply => ({ status: 500, text });

  if (caller === undefined) {
    const text = `GSI Transport authentication required for "${operationName}" operation.`;
    return refuse(saidFault(asked, 'generalException', text));
  }
  if (path.endsWith('/WorkspaceStatusService')) {
    const owned = workspaces.filter(({ id, owner }) => owner === caller && (lists?.includes(id) ?? true));
    return { status: 200, text: currentWorkspaces(asked, owned, telling) };
  }
  if (key === undefined) {
    const cause = 'org.globus.wsrf.InvalidResourceKeyException: resource key is missing';
    const text = `java.rmi.RemoteException: Failed to acquire resource; nested exception is: \n\t${cause}`;
    return refuse(saidFault(asked, 'userException', text));
  }
  const found = workspaces.find(({ id }) => String(id) === key);
  if (found === undefined) {
    const type = 'org.oasis.wsrf.properties.ResourceUnknownFaultType';
    return refuse(typedFault(asked, type, now, `unknown workspace: '${key}'`, true));
  }
  if (found.owner !== caller) {
    const exception = 'org.globus.wsrf.impl.security.authorization.exceptions.AuthorizationException';
    const text = `${exception}: "${caller}" is not authorized to use operation: ${operationName} on this service`;
    return refuse(saidFault(asked, 'userException', text));
  }
  if (operation === 'queryResourceProperties') {
    return { status: 200, text: allProperties(asked, found, telling, now) };
  }
  const property = question?.text.replace(/^.*:/, '');
  if (operation === 'getResourceProperty' && property === 'logistics') {
    return { status: 200, text: resourceProperty(asked, found, telling) };
  }
  const type = 'org.oasis.wsrf.properties.InvalidResourcePropertyQNameFaultType';
  return refuse(typedFault(asked, type, now, `{http://www.globus.org/2008/06/workspace/types}${property}`, false));
}
