"""Records what jinja2 makes of small templates, set up as transformers sets it up for chat templates.

    python3 chat_templates.py > ../resources/io/rivulet/model/chat/templates.jsonl    (jinja2 3.1)

One line each: template, messages, and what came of them: text, refused (the template's own reason) or
error (it cannot be used).
"""

import datetime
import json

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Refused(Exception):
    pass


class GenerationTag(jinja2.ext.Extension):
    """As transformers has it: prints its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("body"), [], [], body).set_lineno(line)

    def body(self, caller):
        return caller()


def raise_exception(message):
    raise Refused(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[GenerationTag, jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = datetime.datetime(2026, 3, 4, 5, 6, 7).strftime


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


def system(content):
    return {"role": "system", "content": content}


CONVERSATIONS = [
    [user("Hello, how are you?")],
    [system(" Be terse. "), user("Is 1 < 2 & \"so\"?"), assistant("  Yes.\n"), user("Größe 😀?\n")],
    [user("a"), assistant("<think>\nb\n</think>\n\nc"), user("d"), assistant("e"), user("f")],
    [assistant("x"), assistant("y")],
    [],
]

CHATS = [
    # Headers, a date, trimmed content.
    """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}

{#- The system message comes first, if there is one. #}
{%- if messages and messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start|>system<|end|>\\n\\n" }}
{{- "Today: " + date_string + "\\n\\n" }}
{{- system_message }}
{%- for message in messages %}
    {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start|>' + message['role'] + '<|end|>\\n\\n'+ message['content'] | trim + '<|eot|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant<|end|>\\n\\n' }}
{%- endif %}
""",
    # Turns that must alternate, another name for the assistant, refusals.
    """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate, "' ~ message['role'] ~ '" is out of turn') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<turn>' + role + '
' + message['content'] | trim + '<end>
' }}{% endfor %}{% if add_generation_prompt %}{{'<turn>model
'}}{% endif %}""",
    # Thoughts of earlier turns are left out; a namespace finds the last question.
    """{%- set ns = namespace(last=messages|length - 1, searching=true) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if message.role in ["user", "system"] %}
        {{- '<|' + message.role + '|>\\n' + content + '<|end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set thought = '' %}
        {%- if '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last or (loop.last and thought) %}
            {{- '<|' ~ message.role ~ '|>\\n<think>\\n' ~ thought.strip('\\n') ~ '\\n</think>\\n\\n' ~ content }}
        {%- else %}
            {{- '<|' ~ message.role ~ '|>\\n' ~ content }}
        {%- endif %}
        {{- '<|end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    # Tags on lines of their own, whose indent and line end vanish; text between them stays.
    """{% for message in messages %}
    {% if loop.first and message.role != 'system' %}
<|system|>
A usual system message.<|end|>
    {% endif %}
    {% if message.role == 'user' %}
<|user|>
{{ message.content }}<|end|>
    {% elif message.role == 'system' %}
  <|system|> {{ message.content }} <|end|>
    {% else %}
<|assistant|>
    {% generation %}
{{ message.content }}{{ eos_token }}
    {% endgeneration %}
    {% endif %}
{% else %}
Nothing was said.
{% endfor %}
{% if add_generation_prompt %}<|assistant|>
{% endif %}
""",
    # A macro for content, the system message folded into the first question.
    """{% macro shown(text, prefix='', upper=false) -%}
  {{ prefix }}{{ text|upper if upper else text }}
{%- endmacro -%}
{%- set loop_messages = messages | rejectattr('role', 'equalto', 'system') | list -%}
{%- set systems = messages | selectattr("role", "equalto", "system") | map(attribute="content") | list -%}
{{ bos_token }}
{%- for m in loop_messages %}
{%- if m.role == 'user' -%}
[INST] {% if loop.first and systems %}{{ shown(systems | join('\\n'), prefix='<<SYS>>') }}<</SYS>> {% endif -%}
{{ shown(m.content, upper=loop.last) }} [/INST]
{%- else -%}
{{ ' ' + shown(m.content|trim) + ' ' + eos_token }}
{%- endif -%}
{%- endfor -%}""",
    """{{ messages | tojson }}
{{ messages | tojson(indent=2) }}
{% for message in messages %}{% for key, value in message.items() %}{{ key }}={{ value }};{% endfor %}{% endfor %}""",
]

EXPRESSIONS = """
1 + 2 * 3 - 4 // 3 % 2
7 / 2, 7 // 2, -7 // 2, -7 % 3, 2 ** 3 ** 2, 7.0 // 2
-2 ** 2
1 if false
'a' ~ 1 ~ 2.5 ~ none ~ true ~ [1, 'b', none, true] ~ {'k': 1.0, 2: "it's"}
1e3, 1.5e-7, 1e16, 123456789.125, 0.1 + 0.2, 1e22, 0.0001, 1_000
'x' * 3, [1, 2] * 2, [1] + [2, 3]
not true or true and false
not 1 == 2
1 < 2 < 3, 1 < 3 < 2, 'a' < 'b', [1, 2] < [1, 3], 1 == 1.0, true == 1, 'a' == 1
'ell' in 'hello', 3 in [1, 2], 'k' in {'k': 1}, 'z' not in 'abc', not 'a' in 'abc'
messages|length - 1
-messages|length
(1, 2), (1,), ()
'a' 'b'
"tab\\tline\\nquote\\"back\\\\x\\x41\\u00e9\\101"
[1, 2, 3][1:], [1, 2, 3][:-1], [1, 2, 3][::-1], 'hello'[1:3], 'hello'[-1], 'hello'[::2], [1, 2, 3][5:], 'abc'[2:0:-1]
'a😀b'|length, 'a😀b'[1], 'a😀b'[::-1]
missing, missing|default('d'), ''|default('d'), ''|default('d', true), none|default('d'), missing is defined
messages[0].nothing is defined, messages[0]['nothing'] is undefined, messages[9] is defined
none is none, 1 is number, 1 is integer, 1.0 is float, true is boolean, true is integer, 'a' is string, [] is sequence, {} is mapping, 'a' is iterable, 3 is odd, 4 is even, 9 is divisibleby 3, 9 is divisibleby(4)
true is true, 1 is true, 'A' is upper, 'a' is lower, 1 is eq 1, 1 is in [1, 2], 1 is not none, range is callable
'a' is string and 'b' is string
' a b '|trim, '\\t x\\n'.strip(), 'xxaxx'.strip('x'), 'xxaxx'.lstrip('x'), 'xxaxx'.rstrip('x'), 'aXb'|upper, 'aXb'|lower
'hello world'|title, 'hELLO'|capitalize, "it's a-b c_d".title()
'a,b,,c'.split(','), ' a  b '.split(), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), 'a b c'.split(none, 1), 'a\\nb\\n\\nc'.splitlines(), ''.split(), ''.split(',')
'hello'.startswith('he'), 'hello'.endswith(('lo', 'x')), 'hello'.find('l'), 'hello'.rfind('l'), 'hello'.find('z'), 'banana'.count('an'), 'abc'.removeprefix('a'), 'abc'.removesuffix('c')
'aXbXc'.replace('X', '-'), 'aXbXc'.replace('X', '-', 1), 'aXbXc'|replace('X', '__'), 'ab'.replace('', '-')
', '.join(['a', 'b']), ['a', 1, none]|join('-'), []|join(','), messages|map(attribute='role')|join('/')
'{} and {}'.format('a', 1), '{0}{0}{1}'.format('a', 'b'), '{x}'.format(x=2), '{{}}'.format()
'12'.isdigit(), 'a1'.isalnum(), 'ab'.isalpha(), ' '.isspace(), 'AB'.isupper(), 'ab'.islower()
{'a': 1, 'b': 2}.items()|list, {'a': 1}.get('a'), {'a': 1}.get('b'), {'a': 1}.get('b', 7), {'b': 1, 'a': 2}|dictsort, {'a': 1}.keys()|list, {'a': 1}.values()|list
{'a': {'b': [1, 2, {'c': none}]}}.a.b[2]['c'], {'a': 1}.a, {'items': 1}['items']
[3, 1, 2]|sort, [3, 1, 2]|sort(reverse=true), ['b', 'A', 'c']|sort, [3, 1, 2]|max, [3, 1, 2]|min, [1, 2]|sum, [1, 2, 3]|reverse|list, [1, 2, 1]|unique|list, [1, 2]|first, [1, 2]|last, 'abc'|first, 'abc'|list
['a', 'b']|map('upper')|list, none|map('upper')|list, none|select('odd')|list, [0, 1, 2]|select|list, [1, 2, 3]|select('odd')|list, [1, 2, 3]|reject('odd')|list, [1, 2, 3]|select('gt', 1)|list
'12'|int, 'x'|int, 'x'|int(5), '1.5'|float, 3.7|int, -3|abs, 2.5|round, 2.567|round(2), 2.1|round(0, 'ceil'), 5|string, true|int
'<a href="x">&</a>'|e, '<b>'|safe
'a\\nb\\n\\nc'|indent, 'a\\nb'|indent(2), 'a\\nb'|indent(2, true), 'a\\nb'|indent('> ')
range(3)|list, range(1, 4)|list, range(5, 0, -2)|list, dict(a=1, b='x')
{'a': [1, 2.5, none, true], 'b': {'c': 'é"\\n<'}}|tojson, {'b': 1, 'a': 2}|tojson(sort_keys=true), [1, {'a': []}, {}]|tojson(indent=4), {'a': 1}|tojson(separators=(',', ':')), 'x'|tojson
namespace(a=1).a, namespace({'b': 2}).b
strftime_now('%Y-%m-%d %H:%M:%S'), strftime_now('%d %B %Y'), strftime_now('%b %d, %Y'), strftime_now('%A %a %y %j %I %p %%'), strftime_now('%-d %e')
(messages[0].content if messages else 'none') ~ '!'
'yes' if messages[0].role == 'user' else 'no' if messages else 'empty'
loop is defined
[1, 2,]
{'a': 1,}
[[1, 2], [3]]|map('first')|list
'%s' is string
1 is defined and not (2 is none or missing)
missing or 'fallback', '' or none, 1 and 0, [] and 1
missing == missing, none == missing
messages|selectattr('role', 'ne', 'user')|list|length, messages|rejectattr('content')|list|length, messages|map(attribute='missing', default='-')|list
""".strip().splitlines()

STATEMENTS = [
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [] %}x{% else %}none{% endfor %}{% for i in missing %}x{% else %}none{% endfor %}",
    "{% for i in 'abc' %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('o', 'e') }} {% endfor %}",
    "{% for i in range(6) if i is odd %}{{ loop.index }}:{{ i }} {% endfor %}",
    "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}{% for k in {'a': 1} %}{{ k }}{% endfor %}",
    "{% for k, v in {'b': 1, 'a': 2}|dictsort %}{{ k }}{{ v }}{% endfor %}{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }}{% endfor %}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = [3, 4] %}{{ c }}{{ d }}",
    "{% set body %}  x{{ 1 }}\n{% endset %}[{{ body }}]{% set up | upper | trim %} a {% endset %}[{{ up }}]",
    "{% filter upper %}a{{ 'b' }}{% endfilter %}",
    "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}",
    "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m(b=5, a=4) }} {{ m() }}",
    "{% macro outer() %}<{{ caller('x') }}>{% endmacro %}{% call(a) outer() %}{{ a }}y{% endcall %}",
    "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}",
    "{% macro m() %}  a  {% endmacro %}{{ m()|trim }}{{ m().strip() }}",
    "{% raw %}{{ not this }}{% if %}{% endraw %}!\n",
    "a{# comment {{ x }} {% if %} #}b\n{# alone #}\nc{#- tight -#} d",
    "  {% if true %}\n  a\n  {% endif %}\n  b\n",
    "x {%- if true -%}  a  {%- endif -%}  y",
    "x {%+ if true +%}\n a {%+ endif %}\n y",
    "  {%+ if true %}a{% endif +%}\n b",
    "a  {{- 1 -}}  b {{ 2 }}\n{{ 3 }}\n\n",
    "{% if 0 %}a{% elif [] %}b{% elif 'x' %}c{% else %}d{% endif %}",
    "line\r\n{% if true %}\r\nx\r\n{% endif %}\r\n",
    "\t{% set x = 1 %}\n\n{{ x }}",
    "{{ '{{' }}{{ '%}' }}{{ {'a': {'b': 1}} }}",
    "{{ 'a' }}  {% if true %}b{% endif %}",
    "{% for m in messages -%}\n  {{ m.role }}:\n{%- endfor %}",
    "{% if messages[0].role == 'user' %}{{ raise_exception('not ' + messages[0].role) }}{% endif %}ok",
    "{{ raise_exception('always') }}",
    "{{ missing.attribute }}",
    "{{ missing() }}",
    "{{ missing + 1 }}",
    "{{ 'a' + 1 }}",
    "{{ 1 < 'a' }}",
    "{{ none|length }}",
    "{{ [1].append(2) }}",
    "{{ ''.__class__ }}",
    "{{ messages.__class__.__mro__ }}",
    "{{ 1 / 0 }}",
    "{% for i in 5 %}{% endfor %}",
    "{% if true %}",
    "{% endif %}",
    "{{ 1 + }}",
    "{{ 'a }}",
    "{{ x",
    "{% nonsense %}",
    "{{ x | nonsense }}",
    "{{ x is nonsense }}",
    "{% include 'file' %}",
    "{% import 'file' as f %}",
    "{# no end",
    "{% raw %} no end",
    "{{ (1 }}",
    "{{ [1, }}",
    "{% set 1 = 2 %}",
    "{% for x in %}{% endfor %}",
    "{{ 1 2 }}",
    "{{ $ }}",
    "{% set d = {'a': 1} %}{% set d.a = 2 %}",
    "{{ {[1]: 2} }}",
    "{% set a, b = [1] %}",
]


def record(template, messages):
    line = {"template": template, "messages": messages}
    try:
        line["text"] = environment.from_string(template).render(
            messages=messages, add_generation_prompt=True, bos_token="<s>", eos_token="</s>"
        )
    except Refused as e:
        line["refused"] = str(e)
    except Exception as e:  # whatever jinja2 or Python says to it
        line["error"] = type(e).__name__
    print(json.dumps(line, ensure_ascii=False))


for template in CHATS:
    for conversation in CONVERSATIONS:
        record(template, conversation)
for expression in EXPRESSIONS:
    # Each value on a line of its own, as the parts of a tuple.
    record("{% for value in [" + expression + "] %}\n{{ value }}\n{% endfor %}", CONVERSATIONS[1])
for template in STATEMENTS:
    record(template, CONVERSATIONS[0])
