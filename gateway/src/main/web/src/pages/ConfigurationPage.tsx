import type {Configuration, Json} from "../api";

export function ConfigurationPage({config}: {config: Configuration | null}) {
  if (config === null) {
    return <p className="nothing">Asking the gateway …</p>;
  }
  const sections: [string, Json][] = [
    ["gateway", config.gateway],
    ...Object.entries(config.databases).map(([name, value]): [string, Json] => [`databases.${name}`, value]),
    ...Object.entries(config.replications).map(([name, value]): [string, Json] => [`replications.${name}`, value]),
  ];
  return (
    <>
      <h1>Configuration</h1>
      <p className="hint">As it is in force: defaults are filled in, secrets are masked. A change takes a start of the gateway.</p>
      <div className="settings">
        {sections.map(([name, value]) => (
          <section key={name} aria-label={name}>
            <h2 className="name">{name}</h2>
            <dl>
              {rows(value, "").map(([key, text]) => (
                <div key={key}>
                  <dt>{key}</dt>
                  <dd className={text === "" ? "hint" : ""}>{text === "" ? "none" : text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}

/** Every setting with its whole key, in the order of the file. */
function rows(value: Json, path: string): [string, string][] {
  if (Array.isArray(value)) {
    return [[path, value.map(String).join(", ")]];
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    if (entries.length === 0) {
      return [[path, ""]];
    }
    return entries.flatMap(([key, inner]) => rows(inner, path === "" ? key : `${path}.${key}`));
  }
  return [[path, value === null ? "" : String(value)]];
}
