/** What survives a round trip through JSON unchanged: what the journal keeps and what may travel to another machine. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
