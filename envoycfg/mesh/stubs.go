package mesh

func (d *documents) envoyFilters() {}
func (d *documents) gatewayAPI()   {}
func (d *documents) contour()      {}
func (d *documents) kuma()         {}
func (d *documents) linkerd()      {}
func (d *documents) appMesh()      {}
func (d *documents) ingressNginx() {}
func (d *documents) traefik()      {}
func (d *documents) emissary()     {}
