import { element, type Xml } from './element.ts';
import type { NimbusNic, NimbusWorkspace } from './nimbus-workspace.ts';

const workspace = 'http://www.globus.org/2008/06/workspace';
const addressing = 'http://schemas.xmlsoap.org/ws/2004/03/addressing';
const properties = 'http://docs.oasis-open.org/wsrf/2004/06/wsrf-WS-ResourceProperties-1.2-draft-01.xsd';
const lifetime = 'http://docs.oasis-open.org/wsrf/2004/06/wsrf-WS-ResourceLifetime-1.2-draft-01.xsd';
const notification = 'http://docs.oasis-open.org/wsn/2004/06/wsn-WS-BaseNotification-1.2-draft-01.xsd';
const baseFaults = 'http://docs.oasis-open.org/wsrf/2004/06/wsrf-WS-BaseFaults-1.2-draft-01.xsd';
const simpleTopics = 'http://docs.oasis-open.org/wsn/2004/06/TopicExpression/Simple';
const jsdl = 'http://schemas.ggf.org/jsdl/2005/11/jsdl';
const axis = 'http://xml.apache.org/axis/';

export interface Asked {
  readonly service: string;
  readonly messageId: string;
  readonly action: string;
  readonly key?: string;
}

/** What the service writes into its answers besides the workspace itself. */
export interface Telling {
  /** The change of the paper: each NIC's network names domain and host. */
  readonly isPatched: boolean;
  /** `VMM=` in the answers of the status service: the setting details.hostname. */
  readonly tellsHost: boolean;
}

export function resourceProperty(asked: Asked, found: NimbusWorkspace, telling: Telling): string {
  const content = element('GetResourcePropertyResponse', { xmlns: properties }, logistics(found, telling));
  return envelope(asked, 'Response', true, content);
}

export function allProperties(asked: Asked, found: NimbusWorkspace, telling: Telling, now: string): string {
  const topic = (name: string) => element('n:Topic', { 'xmlns:n': notification, 'n:Dialect': simpleTopics }, name);
  const set = element(
    'ns0:ServiceRPSet',
    { 'xmlns:ns0': workspace, 'xmlns:ns1': `${workspace}/types`, 'xmlns:ns5': lifetime },
    logistics(found, telling),
    schedule(found),
    allocation(found),
    element('t:CurrentTime', { 'xmlns:t': lifetime }, now),
    element('t:TerminationTime', { 'xmlns:t': lifetime }, found.endsAt),
    currentState(found),
    element('n:FixedTopicSet', { 'xmlns:n': notification }, 'false'),
    topic('ns1:currentState'),
    topic('ns1:ResourceTermination'),
    element('n:TopicExpressionDialects', { 'xmlns:n': notification }, simpleTopics),
  );
  return envelope(asked, 'Response', true, element('QueryResourcePropertiesResponse', { xmlns: properties }, set));
}

export function currentWorkspaces(asked: Asked, found: readonly NimbusWorkspace[], telling: Telling): string {
  const entries = found.map((one) =>
    element(
      'oneCurrentWorkspace',
      {},
      element(
        'epr',
        {},
        element('wsa:Address', {}, '/wsrf/services/WorkspaceService'),
        reference(String(one.id)),
        element('wsa:ReferenceParameters', {}),
      ),
      currentState(one),
      schedule(one),
      allocation(one),
      logistics(one, telling),
      telling.tellsHost && one.vmm !== undefined ? element('details', {}, `VMM=${one.vmm}`) : undefined,
    ),
  );
  const content = element('currentWorkspaces', { xmlns: `${workspace}/status` }, entries);
  return envelope({ ...asked, action: asked.action.replace(/Request$/, '') }, 'Response', true, content);
}

/** A fault in words, with a trace of the stack as Axis adds one. */
export function saidFault(asked: Asked, code: 'userException' | 'generalException', text: string): string {
  return fault(asked, code, text, false, element('a:stackTrace', { 'xmlns:a': axis }, text));
}

/** A fault by its type: the words are in the detail, and the faultstring is empty. */
export function typedFault(asked: Asked, type: string, now: string, description: string, isCause: boolean): string {
  const timestamp = element('f:Timestamp', { 'xmlns:f': baseFaults }, now);
  const originator = element(
    'f:Originator',
    { 'xmlns:f': baseFaults },
    element('wsa:Address', {}, asked.service),
    reference(asked.key ?? ''),
    element('wsa:ReferenceParameters', {}),
  );
  const described = element('f:Description', { 'xmlns:f': baseFaults }, description);
  const content = isCause ? element('f:FaultCause', { 'xmlns:f': baseFaults }, timestamp, described) : described;
  const detail = element(type, {}, timestamp, originator, content);
  return fault(asked, 'generalException', '', true, detail, element('a:exceptionName', { 'xmlns:a': axis }, type));
}

function fault(asked: Asked, code: string, text: string, namesResource: boolean, ...detail: readonly Xml[]): string {
  const content = element(
    'soapenv:Fault',
    {},
    element('faultcode', {}, `soapenv:Server.${code}`),
    element('faultstring', {}, text),
    element('detail', {}, detail, element('a:hostname', { 'xmlns:a': axis }, 'stand-in')),
  );
  return envelope({ ...asked, action: `${addressing}/fault` }, '', namesResource, content, false);
}

function envelope(asked: Asked, suffix: string, namesResource: boolean, content: Xml, isAddressed = true): string {
  const anonymous = `${addressing}/role/anonymous`;
  return element(
    'soapenv:Envelope',
    { 'xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/', 'xmlns:wsa': addressing },
    element(
      'soapenv:Header',
      {},
      element('wsa:MessageID', {}, `uuid:${crypto.randomUUID()}`),
      isAddressed ? element('wsa:To', {}, anonymous) : undefined,
      element('wsa:Action', {}, `${asked.action}${suffix}`),
      element(
        'wsa:From',
        {},
        element('wsa:Address', {}, asked.service),
        namesResource && asked.key !== undefined ? reference(asked.key) : undefined,
      ),
      element('wsa:RelatesTo', { RelationshipType: 'wsa:Reply' }, asked.messageId),
    ),
    element('soapenv:Body', {}, content),
  ).xml;
}

function reference(key: string): Xml {
  return element('wsa:ReferenceProperties', {}, element('w:WorkspaceKey', { 'xmlns:w': workspace }, key));
}

function logistics(found: NimbusWorkspace, { isPatched }: Telling): Xml {
  // Before it is placed, Java writes its null.
  const network = isPatched ? `wrksp-${found.id};${found.vmm ?? 'null'}` : undefined;
  const nics = found.nics.map((nic) => nicElement(nic, network));
  return element('l:logistics', { 'xmlns:l': `${workspace}/metadata/logistics` }, element('l:networking', {}, nics));
}

function nicElement(nic: NimbusNic, network: string | undefined): Xml {
  const optional = (name: string, text: string | undefined) => (text === undefined ? undefined : element(`l:${name}`, {}, text));
  return element(
    'l:nic',
    {},
    element('l:name', {}, nic.name),
    element('l:MAC', {}, nic.mac),
    element(
      'l:ipConfig',
      {},
      element('l:acquisitionMethod', {}, 'AllocateAndConfigure'),
      element('l:hostname', {}, nic.hostname),
      element('l:ipAddress', {}, nic.ipAddress),
      optional('netmask', nic.netmask),
      element('l:gateway', {}, nic.gateway),
      optional('broadcast', nic.broadcast),
      optional('network', network),
    ),
    element('l:association', {}, nic.association),
  );
}

function schedule({ startsAt, endsAt }: NimbusWorkspace): Xml {
  return element(
    't:schedule',
    { 'xmlns:t': `${workspace}/types` },
    element('t:ActualInstantiationTime', {}, startsAt),
    element('t:Duration', {}, 'PT86400S'),
    element('t:ActualTerminationTime', {}, endsAt),
  );
}

function allocation({ memoryMiB, cpus }: NimbusWorkspace): Xml {
  const exact = (name: string, value: number) => element(`j:${name}`, { 'xmlns:j': jsdl }, element('j:Exact', {}, value.toFixed(1)));
  return element(
    'r:ResourceAllocation',
    { 'xmlns:r': `${workspace}/negotiable` },
    cpus === undefined ? undefined : exact('IndividualCPUCount', cpus),
    exact('IndividualPhysicalMemory', memoryMiB),
  );
}

function currentState({ state }: NimbusWorkspace): Xml {
  return element('t:currentState', { 'xmlns:t': `${workspace}/types` }, element('t:state', {}, state));
}
