import { ApiError } from '../errors.ts';

const maxLength = 255;

/** The text that a snapshot is given; an empty one when there is none. */
export function readDescription(text = ''): string {
  if (text.length > maxLength) throw new ApiError('InvalidParameterValue', `The description is longer than ${maxLength} characters.`);
  return text;
}
