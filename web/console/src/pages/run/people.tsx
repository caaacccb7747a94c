import { useState } from "preact/hooks";
import { get, post, type Schemas } from "../../api/client.ts";
import { lang, named, t } from "../../state/lang.ts";
import { useLoad } from "../../state/load.ts";
import { may } from "../../state/session.ts";
import { AskSend, Dialog } from "../../ui/dialog.tsx";
import { Loads } from "../../ui/states.tsx";
import { Table, TakeAway } from "../../ui/table.tsx";

type Person = Schemas["PersonRow"];

export function PeoplePage() {
  const people = useLoad("people", (signal) => get<Person[]>("/v1/people", {}, signal));
  const [asked, setAsked] = useState<Person>();
  const [given, setGiven] = useState<{ person: Person; password: string }>();
  async function reset(person: Person) {
    const { password } = await post<Schemas["PasswordAnswer"]>(`/v1/passwords/${encodeURIComponent(person.login)}`);
    setGiven({ person, password });
  }
  return (
    <Loads of={people}>
      {(people) => (
        <section class="card one" aria-label={t("run.people")}>
          <div class="row sech"><h2 class="grow">{t("run.people")}</h2><TakeAway path="/v1/tables/people" /></div>
          <Table
            label={t("run.people")}
            rows={people}
            id={(person) => person.person_id}
            columns={[
              { key: "name", head: t("col.name"), cell: (person) => <b>{person.name}</b>, by: (person) => person.name },
              { key: "id", head: t("people.id"), cell: (person) => <code>{person.person_id}</code>, by: (person) => person.person_id },
              { key: "role", head: t("people.role"), cell: (person) => named("role", person.role), by: (person) => person.role },
              { key: "login", head: t("people.login"), cell: (person) => <code>{person.login}</code>, by: (person) => person.login },
              { key: "routes", head: t("people.routes"), cell: (person) => <span class="clip manyroutes" title={person.routes.join(" ")}>{person.routes.join(lang.value === "zh" ? "、" : ", ")}</span>, by: (person) => person.routes.length, number: false },
              { key: "devices", head: t("people.devices"), number: true, cell: (person) => person.devices, by: (person) => person.devices },
              { key: "do", head: "", cell: (person) => may("admin") && person.role !== "manager" && <button class="btn sm" onClick={() => setAsked(person)}>{t("people.reset")}</button> },
            ]}
          />
          {asked && <AskSend question={t("people.reset.sure", { name: asked.name })} yes={t("people.reset")} send={() => reset(asked)} onClose={() => setAsked(undefined)} />}
          {given && (
            <Dialog title={t("people.reset")} onClose={() => setGiven(undefined)}>
              <p>{t("people.reset.done", { name: given.person.name })}</p>
              <p class="n n--title"><code>{given.password}</code></p>
            </Dialog>
          )}
        </section>
      )}
    </Loads>
  );
}
