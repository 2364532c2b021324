// node main.js PROGRAM preview|up|destroy: runs a module by the Automation API, which hands the engine this process, and so needs
// no host of the language. The changes and the outputs are JSON on standard output.
import { LocalWorkspace, OutputMap } from "@pulumi/pulumi/automation";

async function main(program: string, command: string) {
    const exported = async () => require(program); // what it exports is the stack's outputs
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "typescript", projectName: "mcp-stack", program: exported },
        { workDir: process.cwd() }, // the configuration stays there
    );
    if (process.env.TOKEN && command === "preview") {
        await stack.setConfig("ticketsToken", { value: process.env.TOKEN, secret: true });
    }
    switch (command) {
        case "preview":
            return { changes: (await stack.preview()).changeSummary };
        case "up": {
            const done = await stack.up();
            return { changes: done.summary.resourceChanges, ...plain(done.outputs) };
        }
        case "destroy":
            return { changes: (await stack.destroy()).summary.resourceChanges };
    }
    throw new Error(`no command is called ${command}`);
}

function plain(outputs: OutputMap): Record<string, unknown> {
    return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, output.value]));
}

const [program, command] = process.argv.slice(2);
main(program, command).then(
    (said) => console.log(JSON.stringify(said)),
    (error) => {
        console.error(error);
        process.exitCode = 1;
    },
);
