/** What a client has to be told to use a service. */
export interface ServiceUnderTest {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}
