// A mail server that takes whatever comes and keeps it.

import { createServer } from "node:net";

export async function mailServer() {
  const mails = [];
  const waiting = [];
  const server = createServer((socket) => {
    let heard = "";
    let body; // of the mail that is being received
    socket.write("220 test\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      heard += data.toString("utf8");
      for (let end = heard.indexOf("\r\n"); end >= 0; end = heard.indexOf("\r\n")) {
        const line = heard.slice(0, end);
        heard = heard.slice(end + 2);
        if (body !== undefined) {
          if (line !== ".") {
            body.push(line);
            continue;
          }
          mails.push(body.join("\n"));
          body = undefined;
          waiting.shift()?.(mails.shift());
          socket.write("250 taken\r\n");
        } else if (/^DATA/i.test(line)) {
          body = [];
          socket.write("354 go on\r\n");
        } else {
          socket.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
        }
      }
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: server.address().port,
    next: () => (mails.length > 0 ? Promise.resolve(mails.shift()) : new Promise((arrived) => waiting.push(arrived))),
    close: () => server.close(),
  };
}
