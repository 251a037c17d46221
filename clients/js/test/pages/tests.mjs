export const kChromiumTests = [];
