/** Of every iSCSI message (RFC 7143, 11.2). */
export const basicHeaderBytes = 48;

const opcodes = { loginRequest: 0x03, loginResponse: 0x23, reject: 0x3f } as const;
const immediate = 0x40;
/** The last message of the stage "security negotiation" (0), after which "operational negotiation" (1) is to come. */
const transitToOperational = 0x81;
/** The initiator makes its session id up, of type "random". */
const randomSessionId = 0x80;

/** The first message of a login that looks for targets (RFC 7143, 11.12), which a target answers before it knows or asks anything of the initiator. */
export function loginRequest(initiatorName: string): Buffer {
  const texts = [`InitiatorName=${initiatorName}`, 'SessionType=Discovery', 'AuthMethod=CHAP,None'];
  const data = Buffer.from(texts.map((text) => `${text}\0`).join(''));
  const header = Buffer.alloc(basicHeaderBytes);
  header[0] = immediate | opcodes.loginRequest;
  header[1] = transitToOperational;
  header.writeUIntBE(data.length, 5, 3);
  header[8] = randomSessionId;
  return Buffer.concat([header, data, Buffer.alloc(-data.length & 3)]);
}

/** Whether a message, of which the basic header is there, answers a login: by taking, refusing or redirecting it, or by refusing the message. */
export function isAnswerToLogin(message: Buffer): boolean {
  const opcode = message.readUInt8(0) & 0x3f;
  return opcode === opcodes.loginResponse || opcode === opcodes.reject;
}
