export const writeReport = () => "";
