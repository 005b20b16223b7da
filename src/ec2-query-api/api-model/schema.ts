/** How a value travels. A `structure` is named after its entry in the table of structures, so that the tables stay plain data. */
export type WireType =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'timestamp' }
  | { readonly kind: 'list'; readonly itemName: string; readonly item: WireType }
  | { readonly kind: 'structure'; readonly structure: string };

export interface MemberSchema {
  /** The member's name in the model, and in the TypeScript interfaces. */
  readonly name: string;
  /** Its name on the wire: `VolumeId` of a request, `volumeId` of a response. */
  readonly wireName: string;
  readonly type: WireType;
  readonly required?: true;
}

export type Structures = Readonly<Record<string, readonly MemberSchema[]>>;

export interface OperationSchema {
  readonly request: string;
  /** Missing when the model has no response members: EC2 then answers `<return>true</return>`. */
  readonly response?: string;
}
