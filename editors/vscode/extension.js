// The editor's side: starts `stocksync lsp` and hands everything to it.
"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

async function start() {
  const command = workspace.getConfiguration("stocksync").get("path", "stocksync");
  const server = { command, args: ["lsp"] };
  const options = {
    documentSelector: [{ language: "stocksync" }, { scheme: "file", pattern: "**/stocksync.yaml" }],
  };
  client = new LanguageClient("stocksync", "stocksync", server, options);
  try {
    await client.start();
  } catch (fault) {
    client = undefined;
    window.showErrorMessage(`\`${command} lsp\` does not start: ${fault}. Set \`stocksync.path\` to where the program is.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (context) => {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    commands.registerCommand("stocksync.restart", restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("stocksync.path")) return restart();
    }),
  );
  await start();
};

exports.deactivate = stop;
