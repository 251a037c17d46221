/**
 * One connection for all tabs. A tab sends {event, data} to have it published to the room; what comes from the room, and
 * the state of the connection, goes to every tab. Tabs that are closed are found out by their locks.
 */
import { HearthClient } from '../../web/hearth-client.js';

const kRoom = 'tabs';
const server = new URLSearchParams(location.search).get('server') ?? `ws://${location.hostname}:8080/ws`;
const tabs = new Set();
const tell = (message) => tabs.forEach((tab) => tab.postMessage(message));

const client = new HearthClient(server, { auth: { userId: 'shared' } });
client.connection.on('state', (state) => tell({ state }));
client.on('*', (data, { event }) => tell({ event, data }));
client.connect();
client.room(kRoom).join();

addEventListener('connect', ({ ports: [tab] }) => {
  tabs.add(tab);
  tab.onmessage = ({ data: { event, data, lock } }) => {
    if (lock) {
      // Granted once the tab is gone, however it went.
      navigator.locks.request(lock, () => tabs.delete(tab));
    } else {
      client.room(kRoom).publish(event, data).catch(({ message }) => tab.postMessage({ problem: message }));
    }
  };
  tab.postMessage({ state: client.state });
});
