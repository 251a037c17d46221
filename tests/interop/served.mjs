/** The application of the interop tests a third time: `hearth serve` with a configuration, beside a backend. */
import { Backend, Hearth, kSecret } from '../backend/support.mjs';

const configuration = (url) => `
[auth]
ask_backend = true
[backend]
url = "${url}"
secret = "${kSecret}"
timeout = "30s"
messages = ["echo", "say"]
[events]
to = "backend"
types = ["message"]
[[rooms]]
pattern = ["ws-default", "ws-notification"]
join = "ask"
[[rooms]]
pattern = "**"
join = "ask"
publish = "members"
`;

/** Decides as ignis_app.mjs does, and answers through the API. */
class Application {
  static async start(environment = {}) {
    const app = new Application();
    app.kind = 'hearth serve';
    app.backend = await Backend.start();
    app.backend.answer = (question) => app[question.type](question);
    app.hearth = await Hearth.start(configuration(app.backend.url),
      { environment: { HEARTH_SERVER_NAME_ROOMS: 'false', ...environment } });
    app.url = app.hearth.socketUrl;
    return app;
  }

  authenticate({ data = {} }) {
    if ('throw' in data) return [500, {}];
    if ('reject' in data) return [403, {}];
    return [200, { userId: typeof data.userId === 'string' ? data.userId : undefined }];
  }

  join({ rooms }) {
    return [200, { rooms: rooms.filter((room) => !room.startsWith('private')) }];
  }

  /** Names that no room can have are nobody's. */
  async events({ events }) {
    for (const { event, clientId, data } of events) {
      const publication = event === 'echo' ? { client: clientId, event, data }
        : { room: data.destination, event: 'said', data: data.data };
      await fetch(`${this.hearth.apiUrl}/api/publish`, { method: 'POST', body: JSON.stringify(publication) });
    }
    return [204, ''];
  }

  /** Shuts down as a signal has it. */
  async finish() {
    await this.hearth.stop('SIGINT');
    await this.backend.stop();
  }

  stop() {
    return this.finish();
  }
}

/** `environment` has variables that go before the configuration. */
export const startServed = (environment) => Application.start(environment);
