/** Whether this build takes files whose weights are streamed, and only those: see streaming.ts. Set in asconfig.json. */
export const STREAMED: bool = isDefined(MIDGE_STREAMED);
