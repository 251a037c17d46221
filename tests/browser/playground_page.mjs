/** What a visitor does on the playground's page, and sees there. */

/** Authenticates, once the page is connected, and joins a room. */
export async function enter(page, name, room) {
  await page.getByText('Connected, not authenticated').waitFor();
  await page.getByLabel('User id', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Authenticate', exact: true }).click();
  await page.getByText(`Authenticated as ${name}`).waitFor();
  await join(page, room);
}

export async function join(page, room) {
  await page.getByLabel('Room to join').fill(room);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: `Leave ${room}`, exact: true }).waitFor();
}

export async function publish(page, { room, event = 'message', data }) {
  const form = page.getByRole('form', { name: 'Publish a message' });
  await form.getByLabel('Room').fill(room);
  await form.getByLabel('Event').fill(event);
  await form.getByLabel('Data').fill(data);
  await form.getByRole('button', { name: 'Publish', exact: true }).click();
}

export const lines = (page) => page.getByRole('list', { name: 'Frames' }).getByRole('button');

/** The lines of frames that went `way` (sent or received) with this event and all of these texts in them. */
export const line = (page, way, event, ...texts) => texts.reduce((found, text) => found.filter({ hasText: text }),
  lines(page).filter({ has: page.getByText(way, { exact: true }) })
    .filter({ has: page.getByText(event, { exact: true }) }));
