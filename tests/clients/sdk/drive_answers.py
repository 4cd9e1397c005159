"""Answers that clients of more than one language need."""
import json
import re

WSDL_OPERATIONS = ("GetCustomer", "DeleteCustomer", "SearchOrders", "UpdateOrder")


def wsdl():
    """A small SOAP service."""
    def each(text):
        return "".join(text.replace("NAME", n) for n in WSDL_OPERATIONS)
    return (
        '<?xml version="1.0"?><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        'xmlns:t="urn:crm" xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:crm"><types>'
        '<xsd:schema targetNamespace="urn:crm" elementFormDefault="qualified">'
        + each('<xsd:element name="NAME"><xsd:complexType><xsd:sequence><xsd:element name="id" type="xsd:string"/></xsd:sequence>'
               '</xsd:complexType></xsd:element><xsd:element name="NAMEResponse"><xsd:complexType/></xsd:element>')
        + "</xsd:schema></types>"
        + each('<message name="NAMEIn"><part name="p" element="t:NAME"/></message><message name="NAMEOut"><part name="p" element="t:NAMEResponse"/></message>')
        + '<portType name="P">' + each('<operation name="NAME"><input message="t:NAMEIn"/><output message="t:NAMEOut"/></operation>')
        + '</portType><binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
        + each('<operation name="NAME"><soap:operation soapAction="urn:crm/NAME"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>')
        + '</binding><service name="S"><port name="P" binding="t:B"><soap:address location="http://crm.corp.example/services/Crm"/></port></service></definitions>')


def mcp(url, headers, body):
    """The other half of MCP's streamable HTTP transport."""
    try:
        m = json.loads(body)
    except ValueError:
        return 405, [], b""
    if "id" not in m:
        return 202, [], b""
    tools = [{"name": n, "inputSchema": {"type": "object"}} for n in
             ("search_issues", "delete_issue", "get_file_contents", "create_page", "list_pods", "delete_pod", "send_email")]
    r = {"initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}, "resources": {}, "prompts": {}, "completions": {}}, "serverInfo": {"name": "s", "version": "1"}},
         "tools/list": {"tools": tools}, "tools/call": {"content": [{"type": "text", "text": "ok"}]}, "resources/list": {"resources": []},
         "resources/templates/list": {"resourceTemplates": []}, "prompts/list": {"prompts": []}, "resources/read": {"contents": []},
         "prompts/get": {"messages": []}, "completion/complete": {"completion": {"values": []}}}.get(m["method"], {})
    return 200, [("content-type", "application/json"), ("mcp-session-id", "s-1")], json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}).encode()


def elastic(url, headers, body):
    """Elastic's clients ask who answers."""
    return 200, [("content-type", "application/json"), ("x-elastic-product", "Elasticsearch")], b'{"version":{"number":"8.15.0"},"_scroll_id":"s","hits":{"hits":[]}}'


ANSWERS = [
    (r"https://mcp\.", mcp),
    (r"https://es\.", elastic),
    (r"\?wsdl", wsdl()),
    (r"POST http://crm", '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'),
    (r"weaviate\S+/v1/meta", {"version": "1.28.0", "hostname": "x", "modules": {}}),
    (r"chroma\S+/pre-flight", {"max_batch_size": 1000}),
    (r"chroma\S+/api/v2/auth/identity", {"user_id": "u", "tenant": "default_tenant", "databases": ["default_database"]}),
    (r"chroma\S+/tenants/[^/]+(/databases/[^/]+)?$", {"name": "default_tenant", "id": "11111111-2222-3333-4444-555555555555", "tenant": "default_tenant"}),
    (r"chroma\S+/collections", {"id": "11111111-2222-3333-4444-555555555555", "name": "docs", "metadata": None, "configuration_json": {}, "tenant": "default_tenant", "database": "default_database", "dimension": None, "version": 0, "log_position": 0}),
    (r"slack\.com", {"ok": True}),
    (r"upstash", {"result": "OK"}),
    (r"geth\.corp|infura", {"jsonrpc": "2.0", "id": 0, "result": "0x1"}),
    (r"docker\S+/containers/create", {"Id": "abc"}),
]
