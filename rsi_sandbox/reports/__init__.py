"""Reports: what was recorded, in the forms that people and programs read. They state verdicts and never make one."""
